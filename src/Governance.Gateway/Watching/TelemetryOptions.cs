namespace Governance.Gateway.Watching;

/// <summary>OpenTelemetry: section <c>Gateway:Telemetry</c>.</summary>
public sealed class TelemetryOptions
{
    /// <summary>Address of an OTLP collector, such as <c>http://127.0.0.1:4318</c>; empty (the default) sends nothing.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>How the collector is spoken to: <c>HttpProtobuf</c> (default) or <c>Grpc</c>.</summary>
    public OpenTelemetry.Exporter.OtlpExportProtocol Protocol { get; set; } = OpenTelemetry.Exporter.OtlpExportProtocol.HttpProtobuf;

    /// <summary>Seconds between exports of metrics, 1 to 300. Default 15.</summary>
    public int IntervalSeconds { get; set; } = 15;

    /// <summary>Share of requests that are traced, 0 to 1. Default 0.01.</summary>
    public double TracedShare { get; set; } = 0.01;

    internal IEnumerable<string> Faults()
    {
        if (Endpoint.Length > 0 && !(Uri.TryCreate(Endpoint, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps)))
        {
            yield return "Gateway:Telemetry:Endpoint must be an http or https address, or empty.";
        }

        if (IntervalSeconds is < 1 or > 300)
        {
            yield return "Gateway:Telemetry:IntervalSeconds must be from 1 to 300.";
        }

        if (TracedShare is not (>= 0 and <= 1))
        {
            yield return "Gateway:Telemetry:TracedShare must be from 0 to 1.";
        }
    }
}
