using Governance.Core;
using Governance.Jobs.Shards;

namespace Governance.Jobs.Tests.Runs;

public sealed class ResultStoreTests
{
    private static readonly Digest Key = Digest.Of("key"u8);

    [Fact]
    public void What_is_stored_is_found_and_storing_it_again_changes_nothing()
    {
        using var folder = new TempFolder();
        var store = new ResultStore(folder.Path);
        store.Put(Key, "one"u8.ToArray());
        store.Put(Key, "one"u8.ToArray());

        Assert.Equal("one"u8.ToArray(), store.Find(Key)!.Content.ToArray());
        Assert.Single(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories));
        store.Remove(Key);
        Assert.Null(store.Find(Key));
    }

    [Theory]
    [InlineData("two")]
    [InlineData("on")]
    [InlineData("")]
    public void A_file_that_was_altered_is_as_good_as_absent(string content)
    {
        using var folder = new TempFolder();
        var store = new ResultStore(folder.Path);
        store.Put(Key, "one"u8.ToArray());
        File.WriteAllText(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Single(), content);

        Assert.Null(store.Find(Key));
    }

    [Fact]
    public void Two_results_of_the_same_work_are_a_conflict_and_an_altered_one_is_none()
    {
        using var folder = new TempFolder();
        var store = new ResultStore(folder.Path);
        store.Put(Key, "one"u8.ToArray());
        var second = store.Put(Key, "two"u8.ToArray());
        Assert.Throws<ResultConflictException>(() => store.Find(Key));

        File.WriteAllText(Directory.EnumerateFiles(folder.Path, "*." + second.Hex, SearchOption.AllDirectories).Single(), "six");
        Assert.Equal("one"u8.ToArray(), store.Find(Key)!.Content.ToArray());
    }
}
