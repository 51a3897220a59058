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
