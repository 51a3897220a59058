namespace Governance.Gateway.Notifications;

/// <summary>A target of notices: section <c>Gateway:Webhooks:{name}</c>.</summary>
public sealed class WebhookOptions
{
    /// <summary>Where notices are posted. <c>https</c>; <c>http</c> only with <see cref="AllowPrivate"/>.</summary>
    public string Url { get; set; } = "";

    /// <summary><c>whsec_</c> and 24 to 64 random bytes in base64: signs every notice.</summary>
    public string Secret { get; set; } = "";

    /// <summary>The secret before the last change; while it is set each notice has two signatures. Empty for none.</summary>
    public string PreviousSecret { get; set; } = "";

    /// <summary>Types of notices, such as <c>governance.alert.raised</c>, or a prefix with a last <c>*</c>. Default: all.</summary>
    public List<string> Types { get; set; } = [];

    /// <summary>The target is inside: private, loopback and link-local addresses may be called, also without TLS. Default false.</summary>
    public bool AllowPrivate { get; set; }

    /// <summary>Everything wrong with the settings of target <paramref name="name"/>, each naming its key; secrets are never shown.</summary>
    internal IEnumerable<string> Faults(string name)
    {
        var key = "Gateway:Webhooks:" + name;
        if (name.Length is 0 or > 40 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            yield return $"{key}: a target's name has 1 to 40 letters, digits, hyphens and underscores.";
        }

        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.UserInfo.Length > 0 || !(url.Scheme == Uri.UriSchemeHttps || (AllowPrivate && url.Scheme == Uri.UriSchemeHttp)))
        {
            yield return $"{key}:Url must be an https address without a user; http is for targets with AllowPrivate.";
        }

        if (WebhookSecret.TryParse(Secret) is null)
        {
            yield return $"{key}:Secret must be whsec_ followed by 24 to 64 bytes in base64. Make one: printf 'whsec_%s\\n' \"$(openssl rand -base64 32)\"";
        }

        if (PreviousSecret.Length > 0 && WebhookSecret.TryParse(PreviousSecret) is null)
        {
            yield return $"{key}:PreviousSecret must be whsec_ followed by 24 to 64 bytes in base64, or empty.";
        }

        if (Types.Exists(t => !Notices.Types.Any(known => Notices.Matches(t, known))))
        {
            yield return $"{key}:Types names no notice. There are: {string.Join(", ", Notices.Types)}.";
        }
    }
}
