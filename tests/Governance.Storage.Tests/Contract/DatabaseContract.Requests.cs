using Governance.Ledger;
using Governance.Storage.Database;
using Governance.Storage.Database.Requests;

namespace Governance.Storage.Tests.Contract;

/// <summary>What nodes tell each other about request ids.</summary>
public abstract partial class DatabaseContract
{
    private protected static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task Of_nodes_that_take_one_request_at_once_one_has_it_and_the_others_are_told_which()
    {
        var table = await TableAsync("a", "b", "c");
        for (byte i = 0; i < 25; i++)
        {
            var request = Request(i);
            var held = await Task.WhenAll(new[] { "a", "b", "c", "a", "b", "c" }.Select(async node =>
                (Node: node, Other: await table.TakeAsync(request, node, Guid.NewGuid(), Hour, Token))));
            var holder = Assert.Single(held.Where(h => h.Other is null).Select(h => h.Node).Distinct());
            Assert.Equal(2, held.Count(h => h.Other is null));
            Assert.All(held.Where(h => h.Other is not null), h => Assert.Equal((holder, Address(holder)), (h.Other!.Name, h.Other.Address)));
        }
    }

    [Fact]
    public async Task A_request_is_taken_again_by_its_node_and_freed_only_with_the_ticket_of_the_last_taking()
    {
        var table = await TableAsync("a", "b");
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.Null(await table.TakeAsync(Request(1), "a", first, Hour, Token));
        Assert.Null(await table.TakeAsync(Request(1), "a", second, Hour, Token));
        await table.FreeAsync(Request(1), first, Token);
        await table.FreeAsync(Request(2), second, Token);
        Assert.Equal("a", (await table.TakeAsync(Request(1), "b", Guid.NewGuid(), Hour, Token))!.Name);
        await table.FreeAsync(Request(1), second, Token);
        Assert.Null(await table.TakeAsync(Request(1), "b", Guid.NewGuid(), Hour, Token));
    }

    [Fact]
    public async Task What_is_over_is_anybodys_and_deleted_so_many_at_a_time()
    {
        var table = await TableAsync("a", "b");
        for (byte i = 0; i < 5; i++)
        {
            Assert.Null(await table.TakeAsync(Request(i), "a", Guid.NewGuid(), i == 0 ? Hour : TimeSpan.Zero, Token));
        }

        Assert.Null(await table.TakeAsync(Request(1), "b", Guid.NewGuid(), Hour, Token));
        Assert.Equal(2, await table.DeleteExpiredAsync(2, Token));
        Assert.Equal(1, await table.DeleteExpiredAsync(2, Token));
        Assert.Equal(0, await table.DeleteExpiredAsync(2, Token));
        Assert.Equal("a", (await table.TakeAsync(Request(0), "b", Guid.NewGuid(), Hour, Token))!.Name);
        Assert.Equal("b", (await table.TakeAsync(Request(1), "a", Guid.NewGuid(), Hour, Token))!.Name);
    }

    [Fact]
    public async Task Nodes_are_known_as_they_said_last()
    {
        var table = await TableAsync("a", "b");
        await table.RegisterAsync(new StoredNode("b", "key", null, new byte[32]), Token);
        Assert.Equal(
            [("a", "key", Address("a")), ("b", "key", null)], (await table.NodesAsync(Token)).Select(n => (n.Name, n.Log, n.Address)).OrderBy(n => n.Name, StringComparer.Ordinal));
        Assert.Null(await table.TakeAsync(Request(1), "b", Guid.NewGuid(), Hour, Token));
        Assert.Null((await table.TakeAsync(Request(1), "a", Guid.NewGuid(), Hour, Token))!.Address);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_an_error_of_the_ledger()
    {
        var nowhere = new RequestTable(new DatabaseLocation(Location.Kind, Location.Kind == DatabaseKind.PostgreSql ? "Host=127.0.0.1;Port=1" : "Server=127.0.0.1,1"));
        await Assert.ThrowsAsync<LedgerUnavailableException>(() => nowhere.TakeAsync(Request(1), "a", Guid.NewGuid(), Hour, Token));
    }

    private protected static byte[] Request(byte i) => [.. Enumerable.Repeat(i, 16)];

    private static string Address(string node) => $"https://{node}.bank.example";

    private protected async Task<RequestTable> TableAsync(params string[] nodes)
    {
        var table = new RequestTable(Location);
        foreach (var node in nodes)
        {
            await table.RegisterAsync(new StoredNode(node, "key", Address(node), new byte[32]), Token);
        }

        return table;
    }
}
