namespace Governance.Jobs.Shards;

/// <summary>Exit codes of a shard's process: what an engine needs to tell a shard worth trying again from one that is not.</summary>
public static class ShardExit
{
    /// <summary>Every work item has a result, or its failure is in the report.</summary>
    public const int Done = 0;

    /// <summary>The plan, the model or the data cannot be used, or the node runs other code than the plan names. Not tried again.</summary>
    public const int BadInput = 3;

    /// <summary>Storage failed. Tried again (EX_TEMPFAIL).</summary>
    public const int Transient = 75;

    /// <summary>The shard ran out of memory. Not tried again with the same resources.</summary>
    public const int OutOfMemory = 77;

    /// <summary>Cancelled from outside (a signal).</summary>
    public const int Cancelled = 130;

    /// <summary>Whether trying again may help.</summary>
    public static bool IsFatal(int code) => code is BadInput or OutOfMemory;
}
