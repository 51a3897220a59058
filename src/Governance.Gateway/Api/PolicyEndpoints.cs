using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Governance.Client.Contracts;
using Governance.Core;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Core.Events;
using Governance.Core.Identity;
using Governance.Gateway.Identity;
using Governance.Gateway.Policy;
using Governance.Policy.Life;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/policy</c>: the pack in force, its releases, and proposals to change it.</summary>
internal static class PolicyEndpoints
{
    public static void MapPolicy(this RouteGroupBuilder api)
    {
        api.MapGet("/policy", (PolicyProposals policies) => Answers.Ok(policies.InForce())).WithName("GetPolicy").WithSummary("The policy pack in force").Produces<PolicyDetails>();
        api.MapGet("/policy/releases", Releases).WithName("ListPolicyReleases").WithSummary("Packs that were, are and will be in force").Produces<Page<PolicyReleaseDetails>>();
        api.MapGet("/policy/archives/{digest}", Archive).WithName("GetPolicyArchive").WithSummary("The files of a release or proposal").Produces<PolicyFiles>();
        api.MapPost("/policy/dry-runs", DryRunAsync).WithName("DryRunPolicy").WithSummary("What a pack would change: events of progress, then the report")
            .Accepts<PolicyFiles>("application/json").Produces<DryRunStep>(contentType: "text/event-stream");
        api.MapPost("/policy/proposals", ProposeAsync).WithName("ProposePolicy").WithSummary("Propose a pack").Produces<ProposalDetails>(201);
        api.MapGet("/policy/proposals", List).WithName("ListPolicyProposals").WithSummary("Proposals").Produces<Page<ProposalDetails>>();
        api.MapGet("/policy/proposals/{id}", Get).WithName("GetPolicyProposal").WithSummary("A proposal and its dry run").Produces<ProposalDetails>();
        api.MapPost("/policy/proposals/{id}/approval", ApproveAsync).WithName("ApprovePolicy").WithSummary("Approve somebody else's proposal").Produces<ProposalDetails>();
        api.MapPost("/policy/proposals/{id}/withdrawal", WithdrawAsync).WithName("WithdrawPolicy").WithSummary("Withdraw a proposal that is not in force").Produces<ProposalDetails>();
    }

    private static IResult Releases(int? pageSize, string? pageToken, CommandPath path, PolicyProposals policies) => Answers.Ok(Paging.Of(pageSize, pageToken).Take(
        path.Governor.State.Policies.Releases.Select(r => KeyValuePair.Create(r.Position.ToString("D19", CultureInfo.InvariantCulture), r)), policies.Details));

    private static IResult Archive(string digest, CommandPath path, PackLibrary packs)
    {
        var known = path.Governor.State.Policies;
        return Digest.TryParse(digest, out var name)
            && (known.Releases.Exists(r => r.Archive == name) || known.Proposals.Values.Any(p => p.Proposed.Archive == name))
            && packs.Open(name) is { } archive
                ? Answers.Ok(new PolicyFiles(archive.Files, archive.Tests, name))
                : Problems.Result(StatusCodes.Status404NotFound, "archive-unknown", "No release or proposal has this archive.");
    }

    private static async Task<IResult> DryRunAsync(PolicyFiles request, HttpContext http, PolicyProposals policies)
    {
        if (MayPropose(http) is { } forbidden)
        {
            return Problems.Result(forbidden);
        }

        var (candidate, refusal) = await policies.ReadAsync(request, http.RequestAborted);
        return candidate is null
            ? Problems.Result(refusal!)
            : TypedResults.ServerSentEvents(StepsAsync(candidate, policies, http.RequestAborted), eventType: "step");
    }

    /// <summary>Progress as it is made (what a slow reader misses is skipped), then the report.</summary>
    private static async IAsyncEnumerable<string> StepsAsync(
        PolicyProposals.Candidate candidate, PolicyProposals policies, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var steps = Channel.CreateBounded<DryRunProgress>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        var run = RunAsync();
        await foreach (var step in steps.Reader.ReadAllAsync(cancellationToken))
        {
            yield return Text(new DryRunStep(step.Done, step.Total));
        }

        var report = await run;
        var total = report.LiveExamined + report.PastExamined;
        yield return Text(new DryRunStep(total, total, report));

        async Task<Core.Gates.DryRunReport> RunAsync()
        {
            try
            {
                return await policies.DryRunAsync(candidate.Pack, new Reporter(steps.Writer), cancellationToken);
            }
            finally
            {
                steps.Writer.Complete();
            }
        }
    }

    private static string Text(DryRunStep step) => Encoding.UTF8.GetString(GovernanceJson.Serialize(step));

    private static async Task<IResult> ProposeAsync(ProposePolicyRequest request, HttpContext http, CommandPath path, PolicyProposals policies)
    {
        if (MayPropose(http) is { } forbidden)
        {
            // Before the pack is compiled and run. The decision checks again.
            return Problems.Result(forbidden);
        }

        var (command, refusal) = await policies.PrepareAsync(request, http.RequestAborted);
        return command is null
            ? Problems.Result(refusal!)
            : await path.AnswerAsync(http, command, request, events =>
            {
                var id = events.Select(e => e.Event).OfType<PolicyProposed>().Single().ProposalId;
                return Answers.Created($"/api/v1/policy/proposals/{id}", Details(path, policies, id));
            });
    }

    private static IResult List(int? pageSize, string? pageToken, CommandPath path, PolicyProposals policies)
    {
        var state = path.Governor.State;
        return Answers.Ok(Paging.Of(pageSize, pageToken).Take(state.Policies.Proposals, p => policies.Details(state, p, complete: false)));
    }

    private static IResult Get(string id, CommandPath path, PolicyProposals policies) => path.Governor.State.Policies.Proposals.ContainsKey(id)
        ? Answers.Ok(Details(path, policies, id))
        : Problems.Result(StatusCodes.Status404NotFound, "proposal-unknown", "There is no such policy proposal. List them with GET /api/v1/policy/proposals.");

    private static Task<IResult> ApproveAsync(string id, ApprovePolicyRequest request, HttpContext http, CommandPath path, PolicyProposals policies) =>
        path.AnswerAsync(http, new ApprovePolicy(id, request.Archive, request.Comment), request, _ => Answers.Ok(Details(path, policies, id)));

    private static Task<IResult> WithdrawAsync(string id, WithdrawPolicyRequest request, HttpContext http, CommandPath path, PolicyProposals policies) =>
        path.AnswerAsync(http, new WithdrawPolicy(id, request.Reason), request, _ => Answers.Ok(Details(path, policies, id)));

    private static ProposalDetails Details(CommandPath path, PolicyProposals policies, string id)
    {
        var state = path.Governor.State;
        return policies.Details(state, state.Policies.Proposals[id], complete: true);
    }

    private static Refusal? MayPropose(HttpContext http) => ((Role[])[Role.Validator, Role.Committee, Role.Compliance]).Any(http.GetCaller().Is)
        ? null
        : Refusal.Forbidden("role-required", "Validators, the committee and compliance propose policy.");

    private sealed class Reporter(ChannelWriter<DryRunProgress> steps) : IProgress<DryRunProgress>
    {
        public void Report(DryRunProgress value) => steps.TryWrite(value);
    }
}
