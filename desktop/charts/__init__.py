# SPDX-License-Identifier: Apache-2.0
"""Charts of the past; imported when their page is opened, for pyqtgraph and numpy weigh much."""
