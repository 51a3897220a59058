using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Governance.Storage.Database;

/// <summary>Tells what a database or the way to it can fail with from a fault of ours.</summary>
internal static class DatabaseFailure
{
    public static bool Is(Exception e) => e switch
    {
        DbException or DbUpdateException or TimeoutException => true,
        // EF Core wraps what a retry might cure.
        InvalidOperationException { InnerException: { } inner } => Is(inner),
        _ => false,
    };

    /// <summary>One line for operators. Drivers put neither passwords nor parameter values into messages.</summary>
    public static string Explain(Exception e) => e is InvalidOperationException or DbUpdateException && e.InnerException is { } inner
        ? Explain(inner)
        : "The database failed: " + e.Message.ReplaceLineEndings(" ").TrimEnd('.') + ".";
}
