"""`python -m camclassify_core` is `camclassify`."""

from .cli import main

raise SystemExit(main())
