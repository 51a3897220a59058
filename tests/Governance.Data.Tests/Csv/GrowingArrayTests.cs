using Governance.Data.Csv;

namespace Governance.Data.Tests.Csv;

public sealed class GrowingArrayTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(32768)]
    [InlineData(32769)]
    [InlineData(100_000)]
    public void Take_GivesWhatWasAdded_AndLeavesNothing(int count)
    {
        using var array = new GrowingArray<int>();
        for (var i = 0; i < count; i++)
        {
            array.Add(i);
        }

        Assert.Equal(Enumerable.Range(0, count), array.Take());
        Assert.Empty(array.Take());
        array.Add(7);
        Assert.Equal([7], array.Take());
    }
}
