# SPDX-License-Identifier: Apache-2.0
"""The peer of the app's window: PySide6 with an empty window, and nothing else.

Says `shown` on its output when the window is on the screen, then lives on like any window.
"""

import sys

from PySide6.QtWidgets import QApplication, QMainWindow

app = QApplication(sys.argv[:1])
window = QMainWindow()
window.resize(1180, 760)
window.show()
while not (handle := window.windowHandle()) or not handle.isExposed():
    app.processEvents()
app.processEvents()
print("shown", flush=True)
sys.exit(app.exec())
