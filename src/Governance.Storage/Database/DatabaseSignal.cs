using System.Data.Common;
using Npgsql;

namespace Governance.Storage.Database;

/// <summary>
/// Waits until another node may have appended: PostgreSQL says so (LISTEN), SQL Server is asked again after a pause. One waiter at a time.
/// </summary>
public sealed class DatabaseSignal(DatabaseLocation location, TimeProvider time) : IAsyncDisposable
{
    private NpgsqlConnection? listener;

    /// <summary>Returns when there may be something new, and at the latest after <paramref name="atMost"/>. Never fails: a lost connection is a longer wait.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        if (location.Kind == DatabaseKind.PostgreSql)
        {
            try
            {
                var connection = await ListenAsync(cancellationToken);
                await connection.WaitAsync(atMost, cancellationToken);
                return;
            }
            catch (Exception e) when (e is DbException or InvalidOperationException or TimeoutException)
            {
                await DisposeAsync();
            }
        }

        await Task.Delay(atMost, time, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (listener is { } connection)
        {
            listener = null;
            await connection.DisposeAsync();
        }
    }

    private async Task<NpgsqlConnection> ListenAsync(CancellationToken cancellationToken)
    {
        if (listener is { } open)
        {
            return open;
        }

        // Not pooled: it is kept for as long as the node follows the log.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(location.ConnectionString) { Pooling = false, KeepAlive = 30 }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var listen = new NpgsqlCommand("listen " + PostgreSqlDatabase.Channel, connection);
            await listen.ExecuteNonQueryAsync(cancellationToken);
            return listener = connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
