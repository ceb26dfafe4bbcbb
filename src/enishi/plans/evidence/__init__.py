"""客観的根拠: claims with their figures and sources, and whether anybody looked at the original."""
