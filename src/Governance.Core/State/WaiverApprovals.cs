using Governance.Core.Identity;

namespace Governance.Core.State;

/// <summary>
/// Whose approvals a waiver needs, by level: always the first line, which owns the risk, and the second, which challenges. Level 1: an owner and a
/// validator, compliance or the committee. Level 2: an owner and the committee. Level 3: an owner and two members of the committee. Pure functions.
/// </summary>
public static class WaiverApprovals
{
    public const int HighestLevel = 3;

    private static readonly Role[] FirstLine = [Role.Owner];
    private static readonly Role[] SecondLine = [Role.Validator, Role.Compliance, Role.Committee];
    private static readonly Role[] Committee = [Role.Committee];

    private static readonly Role[][][] Levels = [[FirstLine, SecondLine], [FirstLine, Committee], [FirstLine, Committee, Committee]];

    /// <summary>Roles that may approve at some level.</summary>
    public static IReadOnlyList<Role> Roles { get; } = [.. FirstLine, .. SecondLine];

    /// <summary>What is still missing, each as the roles of which one is needed; empty when the waiver is approved.</summary>
    /// <param name="given">Roles of the approvals so far.</param>
    public static IReadOnlyList<IReadOnlyList<Role>> Missing(int level, IEnumerable<string> given)
    {
        var needed = Levels[Math.Clamp(level, 1, HighestLevel) - 1].ToList();
        foreach (var name in given)
        {
            var slot = needed.FindIndex(n => n.Any(r => r.Name() == name));
            if (slot >= 0)
            {
                needed.RemoveAt(slot);
            }
        }

        return needed;
    }

    /// <summary>What is missing, for people: "owner, and validator or compliance or committee".</summary>
    public static string InWords(IReadOnlyList<IReadOnlyList<Role>> missing) =>
        string.Join(", and ", missing.Select(roles => string.Join(" or ", roles.Select(r => r.Name()))));
}
