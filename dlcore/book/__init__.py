"""What the online book adds to the chapters: lazy frames, the map, papers, the tour of the rooms, run times."""
