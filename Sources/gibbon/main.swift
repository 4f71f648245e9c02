print("gibbon")
