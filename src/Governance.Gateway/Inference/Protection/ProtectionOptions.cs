namespace Governance.Gateway.Inference.Protection;

/// <summary>What one gateway takes before it sheds: section <c>Gateway:Protection</c>, checked at start. Routes may have tighter limits of their own.</summary>
public sealed class ProtectionOptions
{
    /// <summary>Sustained inference requests of one caller to one route in a second, with a burst of as many; 0 for no limit. Default 0.</summary>
    public int RequestsPerSecond { get; set; }

    /// <summary>Inference requests answered at the same time, 1 to 100,000. Default 512.</summary>
    public int Concurrency { get; set; } = 512;

    /// <summary>Inference requests that wait for their turn, 0 to 100,000; what comes beyond is shed. Default 1,024.</summary>
    public int Queue { get; set; } = 1_024;

    /// <summary>Connections at the same time, 1 to 1,000,000. Default 10,000.</summary>
    public int Connections { get; set; } = 10_000;

    /// <summary>Longest time for the headers of a request, 1 s to 2 min. Default 10 s.</summary>
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Slowest a body may arrive and an answer be taken, in bytes per second, after <see cref="SlowGrace"/>; 1 to 1,000,000. Default 240.</summary>
    public int SlowestBytesPerSecond { get; set; } = 240;

    /// <summary>How long a slow client is borne, 2 s to 2 min. Default 5 s.</summary>
    public TimeSpan SlowGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Everything wrong with it, each naming its key.</summary>
    public IEnumerable<string> Faults()
    {
        const string Key = "Gateway:Protection";
        if (RequestsPerSecond is < 0 or > 100_000 || Concurrency is < 1 or > 100_000 || Queue is < 0 or > 100_000)
        {
            yield return $"{Key}: RequestsPerSecond and Queue are 0 to 100000, Concurrency 1 to 100000.";
        }

        if (Connections is < 1 or > 1_000_000 || SlowestBytesPerSecond is < 1 or > 1_000_000)
        {
            yield return $"{Key}: Connections and SlowestBytesPerSecond are 1 to 1000000.";
        }

        if (HeadersTimeout < TimeSpan.FromSeconds(1) || HeadersTimeout > TimeSpan.FromMinutes(2) || SlowGrace < TimeSpan.FromSeconds(2) || SlowGrace > TimeSpan.FromMinutes(2))
        {
            yield return $"{Key}: HeadersTimeout is 1 s to 2 min, SlowGrace 2 s to 2 min.";
        }
    }
}
