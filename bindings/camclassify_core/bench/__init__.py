"""`camclassify bench`: how fast the engine is here."""
