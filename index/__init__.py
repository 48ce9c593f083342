"""Documents in, passages findable: load → chunk → embed → store."""

import os
import sys

from index.telemetry import switch_off_telemetry

switch_off_telemetry(os.environ, sys.modules)
