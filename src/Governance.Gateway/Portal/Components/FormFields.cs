using System.Globalization;
using Governance.Core.Identity;

namespace Governance.Gateway.Portal.Components;

/// <summary>What a person typed into a form, to be read and, after a refusal, shown again. Immutable.</summary>
/// <param name="form">The form's name: distinguishes the fields of two forms on one page.</param>
/// <param name="posted">Null when the page was not asked by this form.</param>
public sealed class FormFields(string form, IFormCollection? posted)
{
    public string Text(string name) => posted?[name].ToString().Trim() ?? "";

    /// <summary>The element's identifier, unique on the page.</summary>
    public string Id(string name) => $"{form}-{name}".ToLowerInvariant();

    /// <summary>The last moment of the day a date field names, UTC; null when it names none.</summary>
    public DateTimeOffset? EndOfDay(string name) =>
        DateOnly.TryParseExact(Text(name), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue
            ? new DateTimeOffset(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero).AddSeconds(-1)
            : null;

    public Role? Role(string name) => RoleNames.TryParse(Text(name), out var role) ? role : null;

    public TEnum? Choice<TEnum>(string name)
        where TEnum : struct, Enum => Enum.TryParse<TEnum>(Text(name), ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : null;
}
