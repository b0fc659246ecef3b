"""What the plugins share of the Singer SDK's side: settings, the border for errors, the target."""

from __future__ import annotations
