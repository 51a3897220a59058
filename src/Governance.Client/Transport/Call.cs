namespace Governance.Client.Transport;

/// <summary>One call, described so that it can be sent more than once. Immutable.</summary>
/// <param name="Path">Relative to the gateway's address, escaped.</param>
internal sealed record Call(HttpMethod Method, string Path)
{
    /// <summary>Makes the body anew for every attempt; null without a body.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>The same for every attempt; null for calls that have none and are therefore sent once.</summary>
    public string? IdempotencyKey { get; init; }

    public bool Long { get; init; }

    public string Accept { get; init; } = "application/json";

    /// <summary>Doing it twice is the same as doing it once.</summary>
    public bool Repeatable { get; init; } = Method == HttpMethod.Get;

    public bool MayRepeat => Repeatable || IdempotencyKey is not null;

    public static Call Get(string path) => new(HttpMethod.Get, path);

    /// <summary>A command: carries the caller's key, or a fresh one.</summary>
    public static Call Command(string path, string? idempotencyKey, Func<HttpContent>? content = null) =>
        new(HttpMethod.Post, path) { Content = content, IdempotencyKey = idempotencyKey ?? Guid.CreateVersion7().ToString("N") };
}
