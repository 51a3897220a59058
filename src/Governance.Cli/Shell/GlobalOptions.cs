using System.CommandLine;

namespace Governance.Cli.Shell;

/// <summary>The options every command takes.</summary>
internal sealed class GlobalOptions
{
    public const string DefaultUrl = "http://127.0.0.1:5080";

    public Option<string?> Url { get; } = new("--url") { Description = $"Address of the gateway [default: $GOV_URL, else {DefaultUrl}]", HelpName = "address", Recursive = true };

    public Option<string?> Token { get; } = new("--token") { Description = "Bearer token; better in $GOV_TOKEN, where process lists do not show it", HelpName = "jwt", Recursive = true };

    public Option<string?> As { get; } = new("--as") { Description = "Be a persona of a gateway in Development: dana, olivia, victor, chris, carla, dora, audrey, loans-app", HelpName = "persona", Recursive = true };

    public Option<bool> Json { get; } = new("--json") { Description = "One JSON document on standard output; everything else on standard error", Recursive = true };

    public Option<bool> NoColor { get; } = new("--no-color") { Description = "No colour; $NO_COLOR does the same", Recursive = true };

    public Option<string?> IdempotencyKey { get; } = new("--idempotency-key")
    {
        Description = "Key under which a repeated command acts once [default: a fresh one]", HelpName = "key", Recursive = true,
    };

    public IEnumerable<Option> All => [Url, Token, As, Json, NoColor, IdempotencyKey];

    public Output CreateOutput(ParseResult parse, Terminal terminal) =>
        new(terminal, parse.GetValue(Json), color: !parse.GetValue(NoColor) && string.IsNullOrEmpty(terminal.Variable("NO_COLOR")));

    public Session CreateSession(ParseResult parse, Terminal terminal)
    {
        var persona = parse.GetValue(As);
        var token = parse.GetValue(Token);
        if (persona is not null && token is not null)
        {
            throw CliException.Usage("--as and --token say two things about who you are.", "Give one of them.");
        }

        return new Session(Address(parse.GetValue(Url) ?? terminal.Variable("GOV_URL") ?? DefaultUrl), persona, token ?? terminal.Variable("GOV_TOKEN"), terminal.Time);
    }

    private static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", UserInfo.Length: 0 }
            ? uri
            : throw CliException.Usage("The gateway's address is not an http or https address.", $"For example: --url {DefaultUrl}");
}
