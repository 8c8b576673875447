"""`camclassify bench`: how fast the engine is here, alone and side by side with its peers."""
