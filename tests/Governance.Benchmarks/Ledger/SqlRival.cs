using System.Diagnostics;
using System.Security.Cryptography;
using Governance.Testing;
using Npgsql;
using NpgsqlTypes;

namespace Governance.Benchmarks.Ledger;

/// <summary>The same bytes, not encrypted and not hashed, into a PostgreSQL of our own on the same disk, <c>synchronous_commit = on</c>.</summary>
internal static class SqlRival
{
    private const int Batch = 64;
    private const int CopyRows = 10_000;
    private const string Insert = "insert into record (entry, payload) values ($1, $2)";

    public static async Task RunAsync(int connections, TimeSpan time, Results results)
    {
        if (PostgreSqlServer.Programs is null)
        {
            Console.WriteLine("PostgreSQL is not installed (apt-get install postgresql): no comparison with INSERT and COPY.");
            return;
        }

        using var server = PostgreSqlServer.Start(durable: true);
        await using var source = NpgsqlDataSource.Create(
            server.ConnectionString(server.NewDatabase(), "admin") + ";Maximum Pool Size=90;Max Auto Prepare=4;Auto Prepare Min Usages=1");
        await using (var create = source.CreateCommand("create table record (id bigint generated always as identity primary key, entry bytea not null, payload bytea not null)"))
        {
            await create.ExecuteNonQueryAsync();
        }

        await using (var settings = source.CreateCommand("select current_setting('fsync') || ' ' || current_setting('synchronous_commit')"))
        {
            if (await settings.ExecuteScalarAsync() is not "on on")
            {
                throw new InvalidOperationException("The server does not flush.");
            }
        }

        results.Add("postgresql_insert_per_s", await RateAsync(source, connections, time, InsertOneAsync), $"{connections} connections, one row a commit");
        results.Add("postgresql_batched_insert_per_s", await RateAsync(source, 4, time, InsertBatchAsync), $"4 connections, {Batch} rows a commit");
        results.Add("postgresql_copy_per_s", await RateAsync(source, 2, time, CopyAsync), $"2 connections, binary COPY, {CopyRows} rows a commit");
    }

    private static async Task<double> RateAsync(NpgsqlDataSource source, int connections, TimeSpan time, Func<NpgsqlConnection, byte[], byte[], Task<int>> step)
    {
        var watch = Stopwatch.StartNew();
        var rows = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            await using var connection = await source.OpenConnectionAsync();
            var (entry, payload) = (RandomNumberGenerator.GetBytes(AppendBenchmark.EntryBytes), RandomNumberGenerator.GetBytes(AppendBenchmark.PayloadBytes));
            long done = 0;
            while (watch.Elapsed < time)
            {
                done += await step(connection, entry, payload);
            }

            return done;
        })));
        return rows.Sum() / watch.Elapsed.TotalSeconds;
    }

    private static async Task<int> InsertOneAsync(NpgsqlConnection connection, byte[] entry, byte[] payload)
    {
        await using var command = new NpgsqlCommand(Insert, connection) { Parameters = { new() { Value = entry }, new() { Value = payload } } };
        return await command.ExecuteNonQueryAsync();
    }

    private static async Task<int> InsertBatchAsync(NpgsqlConnection connection, byte[] entry, byte[] payload)
    {
        await using var batch = new NpgsqlBatch(connection);
        for (var i = 0; i < Batch; i++)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(Insert) { Parameters = { new() { Value = entry }, new() { Value = payload } } });
        }

        return await batch.ExecuteNonQueryAsync();
    }

    private static async Task<int> CopyAsync(NpgsqlConnection connection, byte[] entry, byte[] payload)
    {
        await using var copy = await connection.BeginBinaryImportAsync("copy record (entry, payload) from stdin (format binary)");
        for (var i = 0; i < CopyRows; i++)
        {
            await copy.StartRowAsync();
            await copy.WriteAsync(entry, NpgsqlDbType.Bytea);
            await copy.WriteAsync(payload, NpgsqlDbType.Bytea);
        }

        return (int)await copy.CompleteAsync();
    }
}
