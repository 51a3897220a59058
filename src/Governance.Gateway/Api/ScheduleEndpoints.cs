using Governance.Client.Contracts;
using Governance.Core.Commands;
using Governance.Core.Decisions;
using Governance.Gateway.Identity;
using Governance.Gateway.Schedules;

namespace Governance.Gateway.Api;

/// <summary><c>/api/v1/schedules</c>: the work of the calendar, seen, run out of turn, paused.</summary>
internal static class ScheduleEndpoints
{
    public static void MapSchedules(this RouteGroupBuilder api)
    {
        api.MapGet("/schedules", async (ScheduleBook book, CancellationToken cancellationToken) => Answers.Ok(new Page<ScheduleDetails>(await book.ListAsync(cancellationToken), null)))
            .WithName("ListSchedules").WithSummary("What runs by the calendar, when, and how it ended").Produces<Page<ScheduleDetails>>();
        api.MapGet("/schedules/{name}", GetAsync).WithName("GetSchedule").WithSummary("One schedule").Produces<ScheduleDetails>();
        api.MapPost("/schedules/{name}/run", RunAsync).WithName("RunSchedule").WithSummary("Run it now, once (administrator, validator, compliance)").Produces<ScheduleDetails>(202);
        api.MapPost("/schedules/{name}/pause", PauseAsync).WithName("PauseSchedule").WithSummary("Leave out what is due, with a reason").Produces<ScheduleDetails>();
        api.MapPost("/schedules/{name}/resume", ResumeAsync).WithName("ResumeSchedule").WithSummary("Let it go on").Produces<ScheduleDetails>();
    }

    private static async Task<IResult> GetAsync(string name, ScheduleBook book, CancellationToken cancellationToken) =>
        await book.FindAsync(name, cancellationToken) is { } schedule ? Answers.Ok(schedule) : Unknown();

    private static async Task<IResult> RunAsync(string name, HttpContext http, ScheduleBook book, CancellationToken cancellationToken)
    {
        if (!PauseSchedule.Who.Any(http.GetCaller().Is))
        {
            return Problems.Result(Refusal.Forbidden("role-required", "Administrators, validators and compliance run schedules out of turn."));
        }

        if (await book.FindAsync(name, cancellationToken) is not { } schedule)
        {
            return Unknown();
        }

        await book.RunAsync(name, cancellationToken);
        return Answers.AcceptedAt($"/api/v1/schedules/{name}", schedule);
    }

    private static Task<IResult> PauseAsync(string name, PauseScheduleRequest request, HttpContext http, CommandPath path, ScheduleBook book, CancellationToken cancellationToken) =>
        ChangeAsync(name, new PauseSchedule(name, request.Reason), request, http, path, book, cancellationToken);

    private static Task<IResult> ResumeAsync(string name, HttpContext http, CommandPath path, ScheduleBook book, CancellationToken cancellationToken) =>
        ChangeAsync(name, new ResumeSchedule(name), name, http, path, book, cancellationToken);

    private static async Task<IResult> ChangeAsync<TRequest>(
        string name, Command command, TRequest request, HttpContext http, CommandPath path, ScheduleBook book, CancellationToken cancellationToken)
    {
        if (await book.FindAsync(name, cancellationToken) is null)
        {
            return Unknown();
        }

        return await path.ExecuteAsync(http, command, request) is CommandOutcome.Refused refused
            ? Problems.Result(refused.Refusal)
            : Answers.Ok((await book.FindAsync(name, cancellationToken))!);
    }

    private static IResult Unknown() => Problems.Result(StatusCodes.Status404NotFound, "schedule-unknown", "There is no such schedule. List them with GET /api/v1/schedules.");
}
