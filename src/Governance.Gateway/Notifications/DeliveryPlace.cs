using System.Globalization;

namespace Governance.Gateway.Notifications;

/// <summary>How far a target has been told: the next position of the governance log, in a file of one line that is replaced as a whole.</summary>
internal sealed class DeliveryPlace(string folder, string target)
{
    private readonly string file = Path.Combine(folder, target + ".position");

    /// <summary>Null for a target that was never told anything, or whose file cannot be read.</summary>
    public long? Read() =>
        File.Exists(file) && long.TryParse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : null;

    public void Write(long position)
    {
        var next = file + ".next";
        File.WriteAllText(next, position.ToString(CultureInfo.InvariantCulture));
        File.Move(next, file, overwrite: true);
    }
}
