using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Governance.Gateway.Hosting;
using Governance.Gateway.Inference.Nodes;
using Governance.Serving;
using Governance.Serving.Requests;
using Governance.Storage.Database;
using Governance.Storage.Database.Requests;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Governance.Gateway.Tests.Inference;

/// <summary>A database that takes connections and says nothing.</summary>
public sealed class SilentDatabaseTests : IDisposable
{
    private readonly TcpListener silent = new(IPAddress.Loopback, 0);
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        silent.Dispose();
        key.Dispose();
    }

    [Fact]
    public async Task Requests_with_an_id_are_refused_and_only_one_at_a_time_waits_to_learn_it()
    {
        silent.Start();
        var location = new DatabaseLocation(
            DatabaseKind.PostgreSql, string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Database=x;Username=x"));
        var requests = new SharedRequests(
            new RequestTable(location), new InstallationSecret(key), new RequestMemoryOptions(), Options.Create(new GatewayOptions { Replica = "a" }), NullLogger<SharedRequests>.Instance);
        Assert.Equal("request-ids-unavailable", Code(await requests.ReserveAsync(1, TestContext.Current.CancellationToken)));

        var waiting = requests.ReserveAsync(2, TestContext.Current.CancellationToken).AsTask();
        var refused = requests.ReserveAsync(3, TestContext.Current.CancellationToken);
        Assert.True(refused.IsCompleted);
        Assert.False(waiting.IsCompleted);
        Assert.Equal("request-ids-unavailable", Code(await refused));
        Assert.Equal("request-ids-unavailable", Code(await waiting));
        await requests.FreeAsync(1, Guid.NewGuid());
    }

    private static string Code(RequestReservation reservation) => Assert.IsType<InferenceOutcome.Failed>(reservation.Otherwise).Code;
}
