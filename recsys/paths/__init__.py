"""What is learnt before what, and an order to learn a skill in. Knows items and who took them; knows no storage."""
