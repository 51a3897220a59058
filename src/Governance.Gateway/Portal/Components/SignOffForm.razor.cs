using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Decisions;
using Governance.Core.Identity;
using Governance.Core.Inventory;
using Governance.Gateway.Identity;
using Microsoft.AspNetCore.Components;

namespace Governance.Gateway.Portal.Components;

/// <summary>The form a person signs with. What is allowed is decided in the domain; the form only leaves out what never is.</summary>
public sealed partial class SignOffForm
{
    private Refusal? refusal;
    private bool isFresh;

    [Parameter]
    [EditorRequired]
    public required VersionDetails Version { get; set; }

    [CascadingParameter]
    public required HttpContext Context { get; init; }

    [Inject]
    public required IPortalReader Reader { get; init; }

    [Inject]
    public required IPortalActions Actions { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [SupplyParameterFromForm(FormName = "sign-off")]
    private SignOffInput? Input { get; set; }

    private Caller Caller => Context.GetCaller();

    private List<Role> Roles => [.. Caller.Roles.Where(r => r is Role.Validator or Role.Compliance or Role.Committee or Role.Owner)];

    private IEnumerable<SignOffMeaning> Meanings => Enum.GetValues<SignOffMeaning>().Where(m =>
        m == SignOffMeaning.Attested ? Caller.Is(Role.Owner) : Roles.Exists(r => r != Role.Owner));

    protected override async Task OnInitializedAsync() => 
        isFresh = PortalSession.IsFresh(Context, await Reader.SignatureMaxAgeAsync(Version.ModelId, Context.RequestAborted));

    private static string Words(SignOffMeaning meaning) => meaning switch
    {
        SignOffMeaning.Approved => "I approve the release",
        SignOffMeaning.Attested => "I attest the purpose and accept the risk",
        _ => "I reject the release",
    };

    private async Task SignAsync()
    {
        if (Input is not { Meaning: { } meaning, RequestId.Length: > 0 and <= 64 } input
            || !RoleNames.TryParse(input.Role, out var role)
            || !Digest.TryParse(input.Binding, out var binding))
        {
            refusal = Refusal.Invalid("form-incomplete", "The form is not complete: choose a meaning and say what you concluded.");
            return;
        }

        refusal = await Actions.SignOffAsync(
            Caller, Version.ModelId, Version.Submission.Number, role, meaning, input.Comment ?? "", binding, input.RequestId, Context.RequestAborted);
        if (refusal is null)
        {
            Navigation.NavigateTo($"{Context.Request.Path}?done=sign-off");
        }
    }

    private sealed class SignOffInput
    {
        public string? RequestId { get; set; }

        public string? Binding { get; set; }

        public string? Role { get; set; }

        public SignOffMeaning? Meaning { get; set; }

        public string? Comment { get; set; }
    }
}
