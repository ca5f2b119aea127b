# SPDX-License-Identifier: Apache-2.0
"""The Qt app. The only package that imports PySide6."""
