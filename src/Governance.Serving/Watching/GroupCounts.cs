using System.Runtime.InteropServices;
using Governance.Serving.Protocol;

namespace Governance.Serving.Watching;

/// <summary>A group of a protected attribute.</summary>
public readonly record struct GroupKey(string Attribute, string Level);

/// <summary>Rows, and adverse decisions among them.</summary>
public readonly record struct GroupCount(long Rows, long Adverse);

/// <summary>Counts by group, of those rows whose caller gave it. Adds up. Not thread-safe.</summary>
public sealed class GroupCounts
{
    private readonly Dictionary<GroupKey, GroupCount> counts = [];

    public IReadOnlyDictionary<GroupKey, GroupCount> Counts => counts;

    public void Add(GroupKey group, GroupCount count)
    {
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, group, out _);
        sum = new GroupCount(sum.Rows + count.Rows, sum.Adverse + count.Adverse);
    }

    public void Add(GroupCounts other)
    {
        foreach (var (group, count) in other.counts)
        {
            Add(group, count);
        }
    }

    internal void Count(CallGroups groups, ReadOnlySpan<string> decisions)
    {
        for (var row = 0; row < decisions.Length; row++)
        {
            for (var attribute = 0; attribute < groups.Attributes.Count; attribute++)
            {
                if (groups.Of(row, attribute) is { } level)
                {
                    Add(new GroupKey(groups.Attributes[attribute].Name, level), new GroupCount(1, decisions[row] == Decisions.Adverse ? 1 : 0));
                }
            }
        }
    }
}
