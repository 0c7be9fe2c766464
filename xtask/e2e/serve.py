"""Synapse, until standard input ends: it goes when whoever started it goes, however that ends.

    python3 serve.py -c CONFIGURATION
"""

import os
import signal
import sys
import threading


def stop_at_end_of_input():
    # Not `sys.stdin`, whose lock would be waited for when the interpreter stops.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=stop_at_end_of_input, daemon=True).start()

from synapse.app.homeserver import main  # noqa: E402: takes long

sys.exit(main())
