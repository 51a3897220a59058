using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using System.Text.Json;

namespace Governance.Cli.Commands;

/// <summary>Arguments and options several commands share, each with one wording and one way to read it.</summary>
internal static class Values
{
    public static Argument<string> Model() => new("model") { Description = "Model id" };

    public static Argument<int> Version() => new("version") { Description = "Version number" };

    public static Option<T> Required<T>(string name, string description) => new(name) { Description = description, Required = true };

    public static Option<T> Optional<T>(string name, string description) => new(name) { Description = description };

    public static Option<string[]> Many(string name, string description) =>
        new(name) { Description = description + "; may be given several times", DefaultValueFactory = _ => [] };

    /// <summary>One of an enumeration's values, written as the API writes them.</summary>
    public static Option<T> Choice<T>(string name, string description, T? fallback = null)
        where T : struct, Enum
    {
        var names = Enum.GetValues<T>().ToDictionary(v => JsonNamingPolicy.CamelCase.ConvertName(v.ToString()), StringComparer.Ordinal);
        var option = new Option<T>(name)
        {
            Description = description,
            HelpName = string.Join('|', names.Keys),
            Required = fallback is null,
            CustomParser = result =>
            {
                if (names.TryGetValue(result.Tokens.Single().Value, out var value))
                {
                    return value;
                }

                result.AddError($"{name} is one of {string.Join(", ", names.Keys)}.");
                return default;
            },
        };
        if (fallback is { } other)
        {
            option.DefaultValueFactory = _ => other;
        }

        option.CompletionSources.Add(_ => names.Keys.Select(n => new CompletionItem(n)));
        return option;
    }

    /// <summary>One of a few words.</summary>
    public static Option<string> Word(string name, string description, params string[] words)
    {
        var option = new Option<string>(name) { Description = description, Required = true, HelpName = string.Join('|', words) };
        return option.AcceptOnlyFromAmong(words);
    }

    /// <summary>A tier, written 1, 2 or 3.</summary>
    public static Option<int> Tier()
    {
        var option = new Option<int>("--tier") { Description = "1 (highest impact) to 3", Required = true };
        option.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.Tokens.Count == 0)
            {
                return;
            }

            if (!int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var tier) || tier is < 1 or > 3)
            {
                result.AddError("--tier is 1, 2 or 3.");
            }
        });
        return option;
    }

    /// <summary>A point in time: an ISO 8601 date (its end, UTC) or date and time.</summary>
    public static Option<DateTimeOffset?> AsOf() => new("--as-of")
    {
        Description = "As it stood then: 2026-03-31 (end of that day, UTC) or 2026-03-31T12:00:00Z",
        HelpName = "time",
        CustomParser = result => Instant(result, "--as-of"),
    };

    /// <summary>When something ends or is due: the end of a day in UTC, or an instant.</summary>
    public static Option<DateTimeOffset?> Until(string name, string description) => new(name)
    {
        Description = description + ": 2026-03-31 (end of that day, UTC) or 2026-03-31T12:00:00Z",
        HelpName = "time",
        Required = true,
        CustomParser = result => Instant(result, name),
    };

    private static DateTimeOffset? Instant(System.CommandLine.Parsing.ArgumentResult result, string name)
    {
        var text = result.Tokens.Single().Value;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return new DateTimeOffset(date.ToDateTime(TimeOnly.MaxValue), TimeSpan.Zero);
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time;
        }

        result.AddError($"{name} is a date such as 2026-03-31 or a time such as 2026-03-31T12:00:00Z.");
        return null;
    }

    public static Option<int> PageSize()
    {
        var option = new Option<int>("--page-size") { Description = "Items of a page, 1 to 200", DefaultValueFactory = _ => 50 };
        option.Validators.Add(result =>
        {
            if (!result.Errors.Any() && result.GetValueOrDefault<int>() is < 1 or > 200)
            {
                result.AddError("--page-size is 1 to 200.");
            }
        });
        return option;
    }

    public static Option<string?> PageToken() => new("--page-token") { Description = "The next field of the page before" };
}
