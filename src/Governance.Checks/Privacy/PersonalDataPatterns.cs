using System.Text.RegularExpressions;

namespace Governance.Checks.Privacy;

/// <summary>Kinds of direct identifiers that can be recognised in a text by its form, those with a check digit by that too. Linear in the text.</summary>
public static partial class PersonalDataPatterns
{
    /// <summary>In the order in which a text is tried; the first that fits names it.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["e-mail address", "IBAN", "payment card", "social security number", "IP address", "telephone number", "date of birth or other full date"];

    // Words of column names and metadata keys that announce personal data, whole words only.
    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        "name", "firstname", "lastname", "surname", "forename", "fullname", "email", "mail", "phone", "telephone", "mobile", "ssn", "nin", "passport", "iban", "pan", "card", "address", "street", "birth", "birthdate", "dob",
        "birthday", "tin", "taxid", "license", "licence", "ip", "username", "login", "author", "owner", "contact",
    };

    /// <summary>Position in <see cref="Kinds"/>, or −1.</summary>
    public static int Find(string text) =>
        text.Length is 0 or > 10_000 ? -1
        : Email().IsMatch(text) ? 0
        : Iban().Matches(text).Any(m => IsIban(m.Value)) ? 1
        : Card().Matches(text).Any(m => IsCard(m.Value)) ? 2
        : SocialSecurity().IsMatch(text) ? 3
        : IpAddress().IsMatch(text) ? 4
        : Phone().IsMatch(text) ? 5
        : FullDate().IsMatch(text) ? 6
        : -1;

    /// <summary>The word of a name that announces personal data, or null.</summary>
    public static string? Announces(string name) => NameWords().Matches(name).Select(m => m.Value).FirstOrDefault(Words.Contains);

    /// <summary>ISO 7064 mod 97 of the rearranged letters and digits is 1.</summary>
    private static bool IsIban(string text)
    {
        var compact = text.Replace(" ", "", StringComparison.Ordinal);
        if (compact.Length is < 15 or > 34)
        {
            return false;
        }

        var remainder = 0;
        foreach (var c in compact[4..] + compact[..4])
        {
            var value = char.IsAsciiDigit(c) ? c - '0' : char.ToUpperInvariant(c) - 'A' + 10;
            remainder = ((remainder * (value > 9 ? 100 : 10)) + value) % 97;
        }

        return remainder == 1;
    }

    /// <summary>13 to 19 digits with Luhn's check digit (ISO/IEC 7812), not all of them equal.</summary>
    private static bool IsCard(string text)
    {
        var digits = text.Where(char.IsAsciiDigit).Select(c => c - '0').ToArray();
        var sum = digits.Reverse().Select((d, i) => i % 2 == 0 ? d : (2 * d / 10) + (2 * d % 10)).Sum();
        return digits.Length is >= 13 and <= 19 && sum % 10 == 0 && digits.Distinct().Count() > 1;
    }

    [GeneratedRegex(@"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*\.[A-Za-z]{2,24}", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Email();

    [GeneratedRegex(@"\b[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?\b", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Iban();

    [GeneratedRegex(@"\b[0-9]([ -]?[0-9]){12,18}\b", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Card();

    [GeneratedRegex(@"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex SocialSecurity();

    [GeneratedRegex(@"\b((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\b", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex IpAddress();

    [GeneratedRegex(@"(\+[0-9]{1,3}[ -]?)(\(?[0-9]{1,4}\)?[ -]?){2,5}[0-9]{2,4}\b|\(?\b[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}\b", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Phone();

    [GeneratedRegex(@"\b(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\b|\b(0?[1-9]|[12][0-9]|3[01])[./](0?[1-9]|1[0-2])[./](19|20)[0-9]{2}\b", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex FullDate();

    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+(?![a-z])", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NameWords();
}
