using Governance.Serving.Watching;

namespace Governance.Serving.Tests.Watching;

public sealed class NewestTests
{
    [Fact]
    public void The_keys_that_came_last_are_kept_however_many_came()
    {
        var kept = new Newest<int, string>(3);
        for (var i = 0; i < 10; i++)
        {
            kept.Set(i, $"{i}");
        }

        Assert.Equal(["7", "8", "9"], kept.Values.Order(StringComparer.Ordinal));
        kept.Set(7, "corrected");
        kept.Set(10, "10");
        Assert.Equal(["10", "8", "9"], kept.Values.Order(StringComparer.Ordinal));
    }
}
