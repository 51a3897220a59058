using System.Net;
using System.Text.RegularExpressions;

namespace Governance.Gateway.Tests.Portal;

/// <summary>A browser without script: keeps cookies, follows no redirect by itself, and fills in forms by the fields they hold.</summary>
internal sealed partial class PortalClient(Uri address) : IDisposable
{
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = address };

    public async Task<(HttpResponseMessage Response, string Html)> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/html");
        var response = await http.SendAsync(request, cancellationToken);
        return (response, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Fetches the page, takes the hidden fields of a form, adds the given ones, and posts where the form says.</summary>
    /// <param name="form">The form's handler name, or its action when that begins with a slash.</param>
    public async Task<(HttpResponseMessage Response, string Html)> SubmitAsync(
        string path, string form, IReadOnlyDictionary<string, string> fields, CancellationToken cancellationToken)
    {
        var (_, html) = await GetAsync(path, cancellationToken);
        var isAction = form.StartsWith('/');
        var marker = isAction ? $"action=\"{form}\"" : $"name=\"_handler\" value=\"{form}\"";
        var found = Forms().Matches(html).Select(m => m.Value).FirstOrDefault(f => f.Contains(marker, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"The page has no form '{form}'.");
        var values = HiddenInputs().Matches(found).ToDictionary(
            m => Name().Match(m.Value).Groups["v"].Value, m => WebUtility.HtmlDecode(Value().Match(m.Value).Groups["v"].Value));
        foreach (var (name, value) in fields)
        {
            values[name] = value;
        }

        return await PostAsync(isAction ? form : path, values, cancellationToken);
    }

    public async Task<(HttpResponseMessage Response, string Html)> PostAsync(string path, IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(values) };
        request.Headers.Accept.ParseAdd("text/html");
        var response = await http.SendAsync(request, cancellationToken);
        return (response, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    public async Task SignInAsync(string persona, CancellationToken cancellationToken)
    {
        var (response, _) = await SubmitAsync("/sign-in", "persona", new Dictionary<string, string> { ["PersonaId"] = persona }, cancellationToken);
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
    }

    public void Dispose() => http.Dispose();

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*>")]
    private static partial Regex HiddenInputs();

    [GeneratedRegex(" name=\"(?<v>[^\"]*)\"")]
    private static partial Regex Name();

    [GeneratedRegex(" value=\"(?<v>[^\"]*)\"")]
    private static partial Regex Value();
}
