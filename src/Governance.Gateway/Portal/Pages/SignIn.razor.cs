using Governance.Core.Identity;
using Governance.Gateway.Identity.Development;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Pages;

/// <summary>In Development a choice of personas; elsewhere a form for an access token. Either way the session is made from a validated token.</summary>
public sealed partial class SignIn
{
    private string? refused;

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [SupplyParameterFromQuery(Name = "returnUrl")]
    private string? ReturnUrl { get; set; }

    [SupplyParameterFromForm(FormName = "persona")]
    private string? PersonaId { get; set; }

    [SupplyParameterFromForm(FormName = "token")]
    private string? Token { get; set; }

    private DevelopmentIssuer? Issuer => Context.RequestServices.GetService<DevelopmentIssuer>();

    private IReadOnlyList<Persona> Personas => Issuer is null ? [] : [.. Persona.All.Where(p => p.Kind == CallerKind.Person)];

    private Task PickAsync()
    {
        if (Issuer is not { } issuer || Personas.FirstOrDefault(p => p.Id == PersonaId) is not { } persona)
        {
            refused = "There is no such persona.";
            return Task.CompletedTask;
        }

        return SignInAsync(issuer.Issue(persona).Token);
    }

    private Task PresentAsync() => SignInAsync((Token ?? "").Trim());

    private async Task SignInAsync(string token)
    {
        refused = await PortalSession.SignInAsync(Context, token, Context.RequestAborted);
        if (refused is null)
        {
            Navigation.NavigateTo(PortalSession.LocalPath(ReturnUrl));
        }
    }
}
