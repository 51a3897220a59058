using System.Text;

namespace Governance.Checks.Tallies;

/// <summary>The bytes a shard leaves: which rows it read and what they counted up to.</summary>
internal static class ShardState
{
    private const byte Format = 1;

    public static ReadOnlyMemory<byte> Write(RowRange rows, Tally tally)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Format);
        writer.Write(rows.Start);
        writer.Write(rows.Count);
        tally.Write(writer);
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Merges the states of a partition of <paramref name="rowCount"/> rows.</summary>
    /// <exception cref="InvalidDataException">A state is damaged, or the states do not cover every row exactly once.</exception>
    public static Tally Merge(IReadOnlyList<ReadOnlyMemory<byte>> states, int rowCount)
    {
        var parts = states.Select(Read).OrderBy(p => p.Rows.Start).ThenBy(p => p.Rows.Count).ToArray();
        var next = 0;
        foreach (var (rows, _) in parts)
        {
            if (rows.Start != next || rows.Count < 0)
            {
                throw new InvalidDataException($"The shard states do not cover the rows once each: expected row {next} next, found {rows.Start}.");
            }

            next += rows.Count;
        }

        if (next != rowCount || parts.Length == 0)
        {
            throw new InvalidDataException($"The shard states cover {next} of {rowCount} rows.");
        }

        return Tally.Merge([.. parts.Select(p => p.Tally)]);
    }

    private static (RowRange Rows, Tally Tally) Read(ReadOnlyMemory<byte> state)
    {
        using var reader = new BinaryReader(new MemoryStream(state.ToArray(), writable: false), Encoding.UTF8);
        try
        {
            if (reader.ReadByte() != Format)
            {
                throw new InvalidDataException("A shard state is of an unknown format.");
            }

            return (new RowRange(reader.ReadInt32(), reader.ReadInt32()), Tally.Read(reader));
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException("A shard state is cut short or damaged; run the shard again.", e);
        }
    }
}
