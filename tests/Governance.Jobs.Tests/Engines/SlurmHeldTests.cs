using System.Collections.Concurrent;
using Governance.Jobs.Engines;
using Governance.Jobs.Engines.Slurm;
using Governance.Jobs.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Governance.Jobs.Tests.Engines;

/// <summary>
/// What slurmrestd 22.05 answers after a burst that drained nodes: tasks that it could not launch and holds. Asked for here from a server that
/// repeats the answer, because a real one gets there only under great load. And answers that are none.
/// </summary>
public sealed class SlurmHeldTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("launch_failed_requeued_held", ShardPhase.Lost)]
    [InlineData("launch failed requeued held", ShardPhase.Lost)]
    [InlineData("JobHeldUser", ShardPhase.Queued)]
    [InlineData("Resources", ShardPhase.Queued)]
    public async Task A_task_that_is_held_after_failed_launches_is_lost_and_taken_back(string reason, object phase)
    {
        using var folder = new TempFolder();
        var deleted = new ConcurrentQueue<string>();
        await using var server = await StartAsync(deleted, $$"""
            {"jobs":[{"array_job_id":7,"array_task_id":0,"job_state":"COMPLETED","exit_code":0,"state_reason":"None","nodes":"n1"},
                     {"array_job_id":7,"array_task_string":"1","job_state":"PENDING","exit_code":0,"state_reason":"{{reason}}","nodes":""}]}
            """);
        await File.WriteAllTextAsync(folder.File("token"), "t", Token);
        using var engine = new SlurmEngine(new SlurmOptions { Rest = new SlurmRestOptions(new Uri(server.Urls.Single()), "root", folder.File("token")) });
        var states = await engine.PollAsync(ScriptJobs.Of(folder, "true", [0, 1]), "7", Token);

        Assert.Equal([ShardPhase.Succeeded, (ShardPhase)phase], states.Select(s => s.Phase));
        Assert.Equal((ShardPhase)phase is ShardPhase.Lost ? ["/slurm/v0.0.38/job/7_1"] : [], deleted);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"jobs\":7}")]
    public async Task An_answer_that_says_nothing_is_asked_for_again_and_no_shard_is_taken_for_lost(string answer)
    {
        using var folder = new TempFolder();
        await using var server = await StartAsync([], answer);
        await File.WriteAllTextAsync(folder.File("token"), "t", Token);
        using var engine = new SlurmEngine(new SlurmOptions { Rest = new SlurmRestOptions(new Uri(server.Urls.Single()), "root", folder.File("token")) });

        Assert.Equal(EngineFault.Unreachable, (await Assert.ThrowsAsync<EngineException>(() => engine.PollAsync(ScriptJobs.Of(folder, "true", [0, 1]), "7", Token))).Fault);
    }

    private static async Task<WebApplication> StartAsync(ConcurrentQueue<string> deleted, string answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async context =>
        {
            if (context.Request.Method == "DELETE")
            {
                deleted.Enqueue(context.Request.Path);
            }

            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(context.Request.Method == "GET" ? answer : "{}");
        });
        await app.StartAsync(Token);
        return app;
    }
}
