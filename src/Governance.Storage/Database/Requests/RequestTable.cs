using System.Data.Common;
using Governance.Ledger;

namespace Governance.Storage.Database.Requests;

/// <summary>
/// Who has which request id, among gateways that share a governance log: the tables of the schema <c>request</c>. No part of the log; rows are changed,
/// expire and are deleted. The database's clock is the one that counts. Thread-safe.
/// </summary>
/// <param name="location">Reached over connections of its own, so that requests never wait for the log's nor the log for theirs.</param>
public sealed class RequestTable(DatabaseLocation location)
{
    private readonly DbProviderFactory factory = RequestStatements.Factory(location.Kind);
    private readonly string connectionString = RequestStatements.ConnectionString(location);
    private readonly RequestStatements statements = RequestStatements.Of(location.Kind);

    /// <exception cref="LedgerUnavailableException">The database does not answer.</exception>
    public Task<IReadOnlyList<StoredNode>> NodesAsync(CancellationToken cancellationToken) => UseAsync<IReadOnlyList<StoredNode>>(statements.Nodes, [], async (command, token) =>
    {
        await using var rows = await command.ExecuteReaderAsync(token);
        List<StoredNode> nodes = [];
        while (await rows.ReadAsync(token))
        {
            nodes.Add(Node(rows, 0));
        }

        return nodes;
    }, cancellationToken);

    /// <summary>Writes a node's row, over the one of that name if there is one.</summary>
    /// <exception cref="LedgerUnavailableException">The database does not answer.</exception>
    public Task RegisterAsync(StoredNode node, CancellationToken cancellationToken) => UseAsync(
        statements.Register, [("name", node.Name), ("log", node.Log), ("address", node.Address), ("proof", node.Proof)], (command, token) => command.ExecuteNonQueryAsync(token), cancellationToken);

    /// <summary>Takes a request for a node, in one round trip, unless another node has it and its time is not over.</summary>
    /// <param name="request">16 bytes that stand for it.</param>
    /// <param name="ticket">Of this taking: only who knows it gives the request free.</param>
    /// <returns>Null when it is this node's now; else the node that has it.</returns>
    /// <exception cref="LedgerUnavailableException">The database does not answer.</exception>
    public async Task<StoredNode?> TakeAsync(byte[] request, string node, Guid ticket, TimeSpan lasts, CancellationToken cancellationToken)
    {
        while (true)
        {
            // No row at all: whoever had it has just given it free.
            if (await TryTakeAsync(request, node, ticket, lasts, cancellationToken) is var (held, holder) && held)
            {
                return holder;
            }
        }
    }

    /// <summary>Gives a request free, if it is still the one taken with the ticket.</summary>
    /// <exception cref="LedgerUnavailableException">The database does not answer.</exception>
    public Task FreeAsync(byte[] request, Guid ticket, CancellationToken cancellationToken) => UseAsync(
        statements.Free, [("request", request), ("ticket", ticket)], (command, token) => command.ExecuteNonQueryAsync(token), cancellationToken);

    /// <summary>Deletes rows whose time is over, at most so many.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="LedgerUnavailableException">The database does not answer.</exception>
    public Task<int> DeleteExpiredAsync(int most, CancellationToken cancellationToken) => UseAsync(
        statements.DeleteExpired, [("most", most)], (command, token) => command.ExecuteNonQueryAsync(token), cancellationToken);

    private Task<(bool Held, StoredNode? Other)> TryTakeAsync(byte[] request, string node, Guid ticket, TimeSpan lasts, CancellationToken cancellationToken) => UseAsync<(bool, StoredNode?)>(
        statements.Take, [("request", request), ("node", node), ("ticket", ticket), ("seconds", (int)lasts.TotalSeconds)], async (command, token) =>
        {
            await using var rows = await command.ExecuteReaderAsync(token);
            if (!await rows.ReadAsync(token))
            {
                return (false, null);
            }

            return (true, rows.GetGuid(0) == ticket ? null : Node(rows, 1));
        }, cancellationToken);

    /// <summary>Once more where the connection broke, which may be one that lay idle while the database was away: every statement may be repeated.</summary>
    private async Task<T> UseAsync<T>(string sql, (string Name, object? Value)[] parameters, Func<DbCommand, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        try
        {
            try
            {
                return await UseOnceAsync(sql, parameters, use, cancellationToken);
            }
            catch (DbException e) when (e.IsTransient)
            {
                return await UseOnceAsync(sql, parameters, use, cancellationToken);
            }
        }
        catch (Exception e) when (DatabaseFailure.Is(e))
        {
            throw new LedgerUnavailableException(DatabaseFailure.Explain(e), e);
        }
    }

    private async Task<T> UseOnceAsync<T>(string sql, (string Name, object? Value)[] parameters, Func<DbCommand, CancellationToken, Task<T>> use, CancellationToken cancellationToken)
    {
        await using var connection = factory.CreateConnection()!;
        connection.ConnectionString = connectionString;
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }

        return await use(command, cancellationToken);
    }

    /// <summary>Nothing but its name, of a node whose row somebody took away.</summary>
    private static StoredNode Node(DbDataReader row, int first) => row.IsDBNull(first + 1)
        ? new StoredNode(row.GetString(first), "", null, [])
        : new StoredNode(row.GetString(first), row.GetString(first + 1), row.IsDBNull(first + 2) ? null : row.GetString(first + 2), row.GetFieldValue<byte[]>(first + 3));
}
