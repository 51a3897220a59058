using Governance.Client.Contracts;
using Spectre.Console;

namespace Governance.Cli.Rendering;

internal static class KeyViews
{
    public static void Show(IAnsiConsole console, KeyDetails keys)
    {
        Draw.Title(console, $"Payload key of {keys.Log}");
        Draw.Fields(console,
            ("key", keys.Key),
            ("since", $"{Draw.Time(keys.Since)} (epoch {Draw.Number(keys.FromEpoch)})"),
            ("epoch now", Draw.Number(keys.Epoch)),
            ("next roll", Draw.Time(keys.NextRoll)),
            ("old keys that still exist", keys.Retired.Count == 0 ? "none" : string.Join(", ", keys.Retired)),
            ("erasures not yet final", Draw.Number(keys.PendingErasures)));
    }
}
