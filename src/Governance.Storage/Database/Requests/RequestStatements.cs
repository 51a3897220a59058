using System.Data.Common;
using Microsoft.Data.SqlClient;
using Npgsql;

namespace Governance.Storage.Database.Requests;

/// <summary>What <see cref="RequestTable"/> says to each database. Immutable.</summary>
internal sealed record RequestStatements(string Nodes, string Register, string Take, string Free, string DeleteExpired)
{
    private const string Application = "governance-requests";

    /// <summary>Seconds after which a database that does not answer is not waited for.</summary>
    private const int Patience = 2;

    /// <summary>A taking is one short statement: so few connections of a gateway take thousands in a second.</summary>
    private const int MostConnections = 16;

    /// <summary>
    /// The row is inserted, or taken over where it is this node's or its time is over; then it is read by a statement of its own, which sees what
    /// the first one waited for.
    /// </summary>
    private static readonly RequestStatements PostgreSql = new(
        Nodes: "select name, log, address, proof from request.nodes",
        Register: """
            insert into request.nodes (name, log, address, proof) values (@name, @log, @address, @proof)
            on conflict (name) do update set log = excluded.log, address = excluded.address, proof = excluded.proof
            """,
        Take: """
            insert into request.ids as held (request, node, ticket, expires) values (@request, @node, @ticket, now() + make_interval(secs => @seconds))
            on conflict (request) do update set node = excluded.node, ticket = excluded.ticket, expires = excluded.expires
            where held.node = excluded.node or held.expires <= now();
            select i.ticket, i.node, n.log, n.address, n.proof from request.ids i left join request.nodes n on n.name = i.node where i.request = @request
            """,
        Free: "delete from request.ids where request = @request and ticket = @ticket",
        DeleteExpired: "delete from request.ids where request in (select request from request.ids where expires <= now() limit @most for update skip locked)");

    private static readonly RequestStatements SqlServer = new(
        Nodes: "select name, log, address, proof from request.nodes",
        Register: """
            update request.nodes set log = @log, address = @address, proof = @proof where name = @name;
            if @@rowcount = 0 insert into request.nodes (name, log, address, proof) values (@name, @log, @address, @proof)
            """,
        Take: """
            update request.ids set node = @node, ticket = @ticket, expires = dateadd(second, @seconds, sysutcdatetime())
            where request = @request and (node = @node or expires <= sysutcdatetime());
            if @@rowcount = 0
            begin try
                insert into request.ids (request, node, ticket, expires)
                select @request, @node, @ticket, dateadd(second, @seconds, sysutcdatetime()) where not exists (select 1 from request.ids where request = @request);
            end try
            begin catch
                -- Another node was quicker: what it inserted is read below.
                if error_number() not in (2601, 2627) begin; throw; end;
            end catch;
            select i.ticket, i.node, n.log, n.address, n.proof from request.ids i left join request.nodes n on n.name = i.node where i.request = @request
            """,
        Free: "delete from request.ids where request = @request and ticket = @ticket",
        DeleteExpired: "delete top (@most) from request.ids with (readpast) where expires <= sysutcdatetime()");

    public static RequestStatements Of(DatabaseKind kind) => kind == DatabaseKind.PostgreSql ? PostgreSql : SqlServer;

    public static DbProviderFactory Factory(DatabaseKind kind) => kind == DatabaseKind.PostgreSql ? NpgsqlFactory.Instance : SqlClientFactory.Instance;

    /// <summary>The same database over a small pool of its own.</summary>
    public static string ConnectionString(DatabaseLocation location) => location.Kind == DatabaseKind.PostgreSql
        ? new NpgsqlConnectionStringBuilder(location.ConnectionString)
        {
            ApplicationName = Application, MaxPoolSize = MostConnections, MinPoolSize = 0, Timeout = Patience, CommandTimeout = Patience,
        }.ConnectionString
        : new SqlConnectionStringBuilder(location.ConnectionString)
        {
            ApplicationName = Application, MaxPoolSize = MostConnections, MinPoolSize = 0, ConnectTimeout = Patience, CommandTimeout = Patience,
        }.ConnectionString;
}
