using FsCheck;
using FsCheck.Fluent;

namespace Governance.Ledger.Tests;

public sealed class SubjectIndexTests
{
    // Evenly spread tags as the cipher makes them, a few heavy ones, and neighbours of both.
    private static readonly Gen<UInt128> Tag = Gen.OneOf(
        from a in Gen.Choose(int.MinValue, int.MaxValue)
        from b in Gen.Choose(int.MinValue, int.MaxValue)
        select new UInt128((ulong)(uint)a << 32 | (uint)b, (uint)b),
        from i in Gen.Choose(0, 4)
        from near in Gen.Choose(-1, 1)
        select ((UInt128)(ulong)i << 126) + (UInt128)(near + 1));

    [Fact]
    public void What_an_index_finds_equals_a_scan_in_memory_on_disk_and_after_rows_are_removed()
    {
        var rows = from count in Gen.Elements(0, 1, 2, 40, 3000, 9000)
                   from tags in Tag.ArrayOf(count)
                   from heavy in Gen.Choose(0, 2)
                   from asked in Tag.ArrayOf(20)
                   select (Rows: tags.Select((t, i) => (Tag: heavy == 0 && i % 3 > 0 ? (UInt128)7 : t, Offset: (uint)i)).ToArray(), Asked: asked.Append((UInt128)7).ToArray());
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(rows.ToArbitrary(), c =>
        {
            var disk = new SimulatedDisk(1);
            disk.CreateDirectory("/index");
            var index = new SubjectIndex();
            foreach (var (tag, offset) in c.Rows)
            {
                index.Add(tag, offset);
            }

            var asked = c.Asked.Concat(c.Rows.Take(20).Select(r => r.Tag)).Distinct().ToArray();
            uint[] Scan(UInt128 tag) => [.. c.Rows.Where(r => r.Tag == tag).Select(r => r.Offset).Order()];
            var inMemory = asked.All(t => index.Find(t).Order().SequenceEqual(Scan(t)));
            index.Save(disk, "/index/a");
            IReadOnlyList<uint> Find(UInt128 tag)
            {
                using var file = SubjectIndex.Expect(disk, "/index/a", tag)!;
                return SubjectIndex.Find(file, tag);
            }

            var onDisk = asked.All(t => Find(t).SequenceEqual(Scan(t)));
            var loaded = SubjectIndex.Load(disk, "/index/a")!;
            loaded.Remove(asked[0]);
            loaded.Save(disk, "/index/a");
            return inMemory && onDisk && asked.All(t => Find(t).SequenceEqual(t == asked[0] ? [] : Scan(t)));
        }));
    }
}
