"""Free-text times: "fri 19:30", "下周三晚上八点" to moments, or to a question. Knows words; knows no store."""
