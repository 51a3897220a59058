using System.Text.Json;
using Governance.Core.Events;
using Governance.Core.Inventory;

namespace Governance.Core.Tests;

public sealed class GovernanceJsonTests
{
    [Fact]
    public void What_is_null_is_left_out_and_read_back()
    {
        GovernanceEvent promoted = new VersionPromoted("m-1", 1, "m-1", PromotionTarget.Champion, Replaced: null, Digest.Of([1]));

        var bytes = GovernanceJson.Serialize(promoted);

        Assert.DoesNotContain("replaced", System.Text.Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        Assert.Equal(promoted, GovernanceJson.Deserialize<GovernanceEvent>(bytes));
    }

    [Theory]
    [InlineData("""{"type":"version.suspended.v1","modelId":"m","version":1}""")]
    [InlineData("""{"type":"version.suspended.v1","modelId":null,"version":1,"reason":"r"}""")]
    [InlineData("""{"type":"version.suspended.v1","modelId":"m","version":1,"reason":"r","more":1}""")]
    [InlineData("""{"type":"version.suspended.v1","modelId":"m","modelId":"n","version":1,"reason":"r"}""")]
    [InlineData("""{"type":"version.suspended.v9","modelId":"m","version":1,"reason":"r"}""")]
    public void What_is_missing_null_unknown_or_twice_is_refused(string json) =>
        Assert.Throws<JsonException>(() => GovernanceJson.Deserialize<GovernanceEvent>(System.Text.Encoding.UTF8.GetBytes(json)));
}
