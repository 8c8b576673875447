"""The page in the sidebar: its code, the pictures it shows, and the commands it gives."""
