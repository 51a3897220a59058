Console.WriteLine("gov");
