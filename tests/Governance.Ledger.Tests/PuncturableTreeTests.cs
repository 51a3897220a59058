using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;

namespace Governance.Ledger.Tests;

public sealed class PuncturableTreeTests
{
    [Fact]
    public void Aes_block_equals_FIPS_197_and_the_platforms_library()
    {
        var key = Convert.FromHexString("000102030405060708090a0b0c0d0e0f");
        var block = Convert.FromHexString("00112233445566778899aabbccddeeff");
        var (fast, portable) = (new byte[16], new byte[16]);
        AesBlock.Encrypt(key, block, fast);
        AesBlock.EncryptPortably(key, block, portable);
        Assert.Equal("69c4e0d86a7b0430d8cdb78070b4c55a", Convert.ToHexStringLower(fast));
        Assert.Equal(fast, portable);
        for (var i = 0; i < 200; i++)
        {
            RandomNumberGenerator.Fill(key);
            AesBlock.Encrypt(key, block, fast);
            AesBlock.EncryptPortably(key, block, portable);
            Assert.Equal(portable, fast);
            fast.CopyTo(block, 0);
        }
    }

    [Fact]
    public void Punctured_paths_are_gone_and_all_others_keep_their_key()
    {
        // Near neighbours of a few bases, so that punctures share long prefixes, and the two ends.
        var path = from b in Gen.Elements(0UL, ulong.MaxValue, 0x8000_0000_0000_0000UL, 0x1234_5678_9abc_def0UL)
                   from d in Gen.Choose(0, 6)
                   from s in Gen.Choose(0, 63)
                   select b ^ ((ulong)d << s);
        var cases = from punctured in path.ListOf()
                    from kept in path.NonEmptyListOf()
                    select (punctured, kept);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            using var whole = PuncturableTree.Create();
            var tree = whole;
            foreach (var half in c.punctured.Chunk(3))
            {
                tree = tree.Puncture(half);
            }

            var bytes = new byte[tree.StoredSize];
            tree.Write(bytes);
            ReadOnlySpan<byte> source = bytes;
            using var read = PuncturableTree.Read(ref source);
            Span<byte> expected = stackalloc byte[16];
            Span<byte> actual = stackalloc byte[16];
            foreach (var p in c.kept)
            {
                whole.TryDerive(p, expected);
                var derived = read.TryDerive(p, actual);
                if (derived == c.punctured.Contains(p) || (derived && !actual.SequenceEqual(expected)))
                {
                    return false;
                }
            }

            return source.IsEmpty && c.punctured.All(p => !read.TryDerive(p, new byte[16])) && read.Count <= 1 + 63 * c.punctured.Distinct().Count();
        }));
    }

    [Fact]
    public void A_stored_tree_takes_its_keys_and_16_bytes_for_each_gap_and_the_earlier_form_is_still_read()
    {
        using var whole = PuncturableTree.Create();
        using var tree = whole.Puncture(0, 5, 6, 1UL << 63, ulong.MaxValue);
        Assert.Equal(8 + 4 * 16 + tree.Count * 16, tree.StoredSize);

        // Version 2 of the key state: start u64, depth u8, key. Of a tree cut once at its root, path 3 to the left, those are the siblings.
        using var cut = whole.Puncture(3);
        var stored = new byte[cut.StoredSize];
        cut.Write(stored);
        using var placed = new MemoryStream();
        var keys = stored.AsSpan(8 + 16);
        placed.Write(BitConverter.GetBytes(cut.Count));
        foreach (var (start, depth) in new[] { (0UL, 63), (2UL, 64) }.Concat(Enumerable.Range(2, 62).Select(h => (1UL << h, 64 - h))))
        {
            placed.Write(BitConverter.GetBytes(start));
            placed.WriteByte((byte)depth);
            placed.Write(keys[..16]);
            keys = keys[16..];
        }

        ReadOnlySpan<byte> source = placed.ToArray();
        using var read = PuncturableTree.ReadPlaced(ref source);
        var again = new byte[read.StoredSize];
        read.Write(again);
        Assert.True(source.IsEmpty && keys.IsEmpty);
        Assert.Equal(stored, again);
    }

    [Fact]
    public void A_stored_tree_whose_gaps_are_out_of_order_or_do_not_fit_its_keys_is_refused()
    {
        using var whole = PuncturableTree.Create();
        using var tree = whole.Puncture(7, 1UL << 40);
        var stored = new byte[tree.StoredSize];
        tree.Write(stored);
        for (var at = 0; at < 8 + 32; at++)
        {
            var bent = stored.ToArray();
            bent[at] ^= 1;
            Assert.Throws<InvalidDataException>(() => Read(bent));
        }

        for (var length = 0; length < stored.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => Read(stored[..length]));
        }

        static int Read(byte[] bytes)
        {
            ReadOnlySpan<byte> source = bytes;
            using var read = PuncturableTree.Read(ref source);
            return source.IsEmpty ? read.Count : throw new InvalidDataException("The state would be too long.");
        }
    }

    [Fact]
    public void Keys_of_different_paths_differ()
    {
        using var tree = PuncturableTree.Create();
        var keys = new HashSet<string>();
        for (var i = 0UL; i < 1000; i++)
        {
            var key = new byte[16];
            Assert.True(tree.TryDerive(i << 54, key));
            Assert.True(keys.Add(Convert.ToHexString(key)));
        }
    }
}
