using Governance.Testing;

namespace Governance.Gateway.Tests.Api;

/// <summary>A started gateway with small limits and nothing in it, for the tests of one class.</summary>
public sealed class GatewayFixture : IAsyncLifetime
{
    public const int MaxFileBytes = 1 << 20;
    private readonly TempFolder folder = new();

    internal TestGateway Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Gateway = await TestGateway.StartAsync(folder.Path, $"MaxModelBytes={MaxFileBytes}", $"MaxDatasetBytes={MaxFileBytes}");

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        folder.Dispose();
    }
}
