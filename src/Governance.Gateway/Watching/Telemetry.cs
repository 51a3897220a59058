using Governance.Gateway.Inference.Direct;
using Microsoft.AspNetCore.Http.Features;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Governance.Gateway.Watching;

/// <summary>Sends metrics and traces to a collector while the gateway runs. What it cannot send is dropped: nothing waits for it.</summary>
internal sealed class Telemetry(TelemetryOptions options) : IHostedService, IDisposable
{
    private MeterProvider? metrics;
    private TracerProvider? traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var resource = ResourceBuilder.CreateEmpty().AddService("governance-gateway");
        metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(InferenceMeter.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
            .AddOtlpExporter((otlp, reader) =>
            {
                Set(otlp, "v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = options.IntervalSeconds * 1000;
            })
            .Build();
        traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TracedShare)))
            .AddSource("Microsoft.AspNetCore", DirectInference.TraceSource)
            .AddOtlpExporter(otlp => Set(otlp, "v1/traces"))
            .Build();
        return Task.CompletedTask;
    }

    /// <summary>What was measured last is sent, for a few seconds at most.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        metrics?.Shutdown(timeoutMilliseconds: 3000);
        traces?.Shutdown(timeoutMilliseconds: 3000);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        metrics?.Dispose();
        traces?.Dispose();
    }

    private void Set(OtlpExporterOptions otlp, string path)
    {
        otlp.Protocol = options.Protocol;
        otlp.Endpoint = options.Protocol == OtlpExportProtocol.Grpc ? new Uri(options.Endpoint) : new Uri(new Uri(options.Endpoint.TrimEnd('/') + "/"), path);
    }
}

internal static class TelemetryServices
{
    public static void AddGovernanceTelemetry(this IServiceCollection services, TelemetryOptions options)
    {
        services.AddMetrics();
        services.AddSingleton<InferenceMeter>();
        if (options.Endpoint.Length > 0)
        {
            services.AddSingleton(options);
            services.AddHostedService<Telemetry>();
        }
    }

    /// <summary>Names the trace of a request by its route, never by its address, which may hold an identifier. Without a collector there are no traces, and requests do not pass here.</summary>
    public static void UseTraceNames(this WebApplication app)
    {
        if (app.Services.GetService<TelemetryOptions>() is not null)
        {
            app.Use(next => http => NameAsync(next, http));
        }
    }

    private static async Task NameAsync(RequestDelegate next, HttpContext http)
    {
        await next(http);
        if (http.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } trace)
        {
            var route = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
            trace.DisplayName = route is null ? http.Request.Method : $"{http.Request.Method} {route}";
            trace.SetTag("http.request.method", http.Request.Method);
            trace.SetTag("http.route", route);
            trace.SetTag("http.response.status_code", http.Response.StatusCode);
        }
    }
}
