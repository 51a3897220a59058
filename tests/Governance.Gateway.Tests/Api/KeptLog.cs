using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Governance.Gateway.Tests.Api;

/// <summary>Keeps every line that is logged, with scopes and the text of exceptions. Thread-safe.</summary>
internal sealed class KeptLog : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public void Add(string line) => Lines.Enqueue(line);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        Add(state.ToString() ?? "");
        return null;
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Add(formatter(state, exception) + exception);

    public void Dispose()
    {
    }
}
