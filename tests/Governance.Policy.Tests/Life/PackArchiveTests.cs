using Governance.Core;
using Governance.Policy.Life;
using Governance.Policy.Tests.Gates;
using Governance.Testing;

namespace Governance.Policy.Tests.Life;

/// <summary>The files of a pack keep their meaning on the way through one document.</summary>
public sealed class PackArchiveTests
{
    [Fact]
    public void AnArchive_HasThePackAndItsTests_AndTheSameBytesWhoeverWritesIt()
    {
        var archive = PackArchive.Read(StarterPack.Folder);
        var again = PackArchive.Parse(archive.Bytes.Span);
        Assert.Equal(archive.Digest, again.Digest);
        Assert.Equal(archive.Digest, PackArchive.Of(archive.Files.Reverse().ToDictionary(), archive.Tests.Reverse().ToDictionary()).Digest);

        var pack = again.Load().Require();
        Assert.Equal((StarterPack.Pack.Digest, StarterPack.Pack.ParamsDigest), (pack.Digest, pack.ParamsDigest));
        var report = again.Test(pack, TestContext.Current.CancellationToken);
        Assert.True(report.Passed);
        Assert.Equal(Directory.GetFiles(StarterPack.Folder, "expected.yaml", SearchOption.AllDirectories).Length, report.Results.Count);
    }

    [Theory]
    [InlineData("../outside.yaml")]
    [InlineData("/etc/passwd.yaml")]
    [InlineData("a/../../b.yaml")]
    [InlineData("a\\b.yaml")]
    [InlineData("pack.txt")]
    [InlineData(".hidden.yaml")]
    [InlineData("")]
    public void ANameThatCouldLeaveTheFolder_IsRefused(string name) =>
        Assert.Throws<FormatException>(() => PackArchive.Of(new Dictionary<string, string> { [name] = "" }, new Dictionary<string, string>()));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"form\":\"other/1\",\"files\":{},\"tests\":{}}")]
    [InlineData("{\"form\":\"governance-policy-pack/1\",\"files\":{},\"tests\":{},\"more\":1}")]
    public void Bytes_ThatAreNoArchive_AreRefused(string text) => Assert.Throws<FormatException>(() => PackArchive.Parse(System.Text.Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void AnArchive_IsBounded()
    {
        var big = new string('x', PackArchive.MaxCharacters + 1);
        Assert.Throws<FormatException>(() => PackArchive.Of(new Dictionary<string, string> { ["a.yaml"] = big }, new Dictionary<string, string>()));
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("a.yaml"), big);
        Assert.Throws<FormatException>(() => PackArchive.Read(folder.Path));
    }
}
