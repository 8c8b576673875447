"""What shows who came: kept snapshots, and the reports of arrivals and departures."""
