namespace Governance.Gateway.Notifications;

/// <summary>A target of notices: section <c>Gateway:Webhooks:{name}</c>.</summary>
public sealed class WebhookOptions : SignedTargetOptions
{
    /// <summary>Types of notices, such as <c>governance.alert.raised</c>, or a prefix with a last <c>*</c>. Default: all.</summary>
    public List<string> Types { get; set; } = [];

    /// <summary>Everything wrong with the settings of target <paramref name="name"/>, each naming its key; secrets are never shown.</summary>
    internal IEnumerable<string> Faults(string name)
    {
        var key = "Gateway:Webhooks:" + name;
        if (name.Length is 0 or > 40 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            yield return $"{key}: a target's name has 1 to 40 letters, digits, hyphens and underscores.";
        }

        foreach (var fault in TargetFaults(key))
        {
            yield return fault;
        }

        if (Types.Exists(t => !Notices.Types.Any(known => Notices.Matches(t, known))))
        {
            yield return $"{key}:Types names no notice. There are: {string.Join(", ", Notices.Types)}.";
        }
    }
}
